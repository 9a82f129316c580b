using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;

namespace PhishMe.Engine.Serving.Feeds;

/// <summary>
/// The files that may be served, by their address: those that a destination of the configuration makes from the store, and no others. An address is looked
/// up and never becomes a path.
/// </summary>
internal sealed class ServedFeeds
{
    private readonly Dictionary<string, string> _files;

    private ServedFeeds(Dictionary<string, string> files, IReadOnlyList<string> leftOut)
    {
        _files = files;
        LeftOut = leftOut;
    }

    /// <summary>The addresses, such as <c>/feeds/paloalto_minemeld/url.txt</c>.</summary>
    public IReadOnlyList<string> Addresses => [.. _files.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Files that are not served, because they are outside of the folder of [feed_server] or share their name with another one.</summary>
    public IReadOnlyList<string> LeftOut { get; }

    /// <summary>Those of a configuration.</summary>
    public static ServedFeeds Of(IntegrationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        var leftOut = new List<string>();
        foreach (var destination in settings.Destinations.OfType<RebuiltDestination>())
        {
            foreach (var file in destination.Files)
            {
                var address = $"/feeds/{destination.Id}/{Path.GetFileName(file)}";
                if (!IsWithin(settings.Servers.Feed?.Root, file) || !files.TryAdd(address, file))
                {
                    leftOut.Add(file);
                }
            }
        }

        return new ServedFeeds(files, leftOut);
    }

    /// <summary>The file of an address; null when there is none.</summary>
    public string? Find(string address) => _files.GetValueOrDefault(address);

    private static bool IsWithin(string? root, string file) =>
        root is null || file.StartsWith(
            Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar,
            OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase);
}
