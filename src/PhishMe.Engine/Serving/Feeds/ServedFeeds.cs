using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;

namespace PhishMe.Engine.Serving.Feeds;

/// <summary>
/// The files that may be served, by their address: those that a destination of the configuration makes from the store, and no others. An address is looked
/// up and never becomes a path; of files per threat, the destination says the path of a name.
/// </summary>
internal sealed class ServedFeeds
{
    private const string Prefix = "/feeds/";

    private readonly string? _root;
    private readonly Dictionary<string, string> _files;
    private readonly IReadOnlyList<RebuiltDestination> _destinations;

    private ServedFeeds(string? root, Dictionary<string, string> files, IReadOnlyList<RebuiltDestination> destinations, IReadOnlyList<string> leftOut)
    {
        _root = root;
        _files = files;
        _destinations = destinations;
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
        RebuiltDestination[] destinations = [.. settings.Destinations.OfType<RebuiltDestination>()];
        var root = settings.Servers.Feed?.Root;
        foreach (var destination in destinations)
        {
            foreach (var file in destination.Files)
            {
                var address = $"{AddressOf(destination)}{Path.GetFileName(file)}";
                if (!IsWithin(root, file) || !files.TryAdd(address, file))
                {
                    leftOut.Add(file);
                }
            }
        }

        return new ServedFeeds(root, files, destinations, leftOut);
    }

    /// <summary>Whether it is one of <see cref="Addresses"/>.</summary>
    public bool IsListed(string address) => _files.ContainsKey(address);

    /// <summary>The file at an address; null when nothing is served there.</summary>
    public string? Find(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return _files.GetValueOrDefault(address) ?? FileOfThreat(address);
    }

    /// <summary>Files per threat come and go: one that is missing has no address.</summary>
    private string? FileOfThreat(string address)
    {
        foreach (var destination in _destinations)
        {
            var prefix = AddressOf(destination);
            if (address.StartsWith(prefix, StringComparison.Ordinal) && destination.FileOfThreat(address[prefix.Length..]) is string file)
            {
                return IsWithin(_root, file) && File.Exists(file) ? file : null;
            }
        }

        return null;
    }

    private static string AddressOf(RebuiltDestination destination) => $"{Prefix}{destination.Id}/";

    private static bool IsWithin(string? root, string file) =>
        root is null || file.StartsWith(
            Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar,
            OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase);
}
