using PhishMe.Intelligence;

namespace PhishMe.Engine.Configuration;

/// <summary>
/// With a shared state the files of each host are a destination of their own, so that they become complete there by catching up. Files in a folder that all
/// hosts see are one destination for all.
/// </summary>
internal static class HostFiles
{
    private const string Name = "shared";

    /// <summary>The key of a section that writes files.</summary>
    public static KeySchema Key() => Keys.Ours(Keys.Flag(
        Name, "False", "With connection in [state]: the files lie in a folder that all hosts see, so that they are written once. False: each host writes its own."));

    /// <summary>A destination as a host of a shared state has it.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="section">Its section.</param>
    /// <param name="host">The name of the host.</param>
    public static Destination Of(Destination destination, SectionValues section, string host)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(section);
        return destination.Kind == DestinationKind.Queued ? destination
            : section.Has(Name) && section.Boolean(Name) ? destination with { IsShared = true }
            : destination with { Id = destination.Id.At(host), Name = destination.Name };
    }
}
