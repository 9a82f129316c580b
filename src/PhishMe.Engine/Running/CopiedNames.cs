using PhishMe.Engine.Configuration;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Copying;

namespace PhishMe.Engine.Running;

/// <summary>
/// Names that differ between a state file and a shared state: there the files of a host are a destination of its own (<c>raw_json@host</c>), and the runs are those
/// of a host.
/// </summary>
/// <param name="destinations">The destinations of the configuration, as a host of the shared state has them.</param>
/// <param name="host">The name of this host.</param>
/// <param name="toShared">Whether the copy is the shared state.</param>
internal sealed class CopiedNames(IReadOnlyList<Destination> destinations, string host, bool toShared) : ICopiedNames
{
    public string Of(string area, string column, string text) => (area, column) switch
    {
        ("destination", "id") or ("dead_letter", "destination") when text.Length > 0 => toShared ? OnHosts(text) : OnFile(text),
        ("run", "host") when toShared => host,
        _ => text,
    };

    private string OnHosts(string id) => destinations.FirstOrDefault(destination => destination.Id.NameOnHost == id)?.Id.ToString() ?? id;

    private string OnFile(string id) => new DestinationId(id) is var known && known.Host == host ? known.NameOnHost : id;
}
