using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Configuration;

/// <summary>Something that threats are delivered to, as the configuration describes it. Nothing is opened before a run opens it.</summary>
internal abstract record Destination
{
    public required DestinationId Id { get; init; }

    /// <summary>The section of the configuration file, in the spelling of the file.</summary>
    public required string Section { get; init; }

    public abstract DestinationKind Kind { get; }

    /// <summary>Whether its files lie in a folder that all hosts of a shared state see, so that they are written once and not by each host.</summary>
    public bool IsShared { get; init; }

    /// <summary>What the User-Agent calls it; the id, unless it shares a name with another destination of the same section.</summary>
    public string Name
    {
        get => field ?? Id.ToString();
        init;
    }

    /// <summary>Whether a name means it: its id, with or without the host.</summary>
    public bool IsNamed(string name) => name.Equals(Id.ToString(), StringComparison.OrdinalIgnoreCase) || name.Equals(Id.NameOnHost, StringComparison.OrdinalIgnoreCase);

    /// <summary>The raw output it belongs to; null for other products.</summary>
    public OutputSettings? Output { get; init; }

    /// <summary>The format of the threats that it is made of. What is made from the model of a threat is made of JSON.</summary>
    public OutputFormat Format { get; init; } = OutputFormat.Json;

    /// <summary>Who renders that format.</summary>
    public OutputSource Source { get; init; } = OutputSource.Api;

    /// <summary>Whether its messages are made from the model of a threat and not from a rendered format.</summary>
    public bool IsMadeFromModel => Output is null && Format == OutputFormat.Json;

    /// <summary>The files and folders that it writes; empty for targets in the network.</summary>
    public IReadOnlyList<WrittenPlace> Places { get; init; } = [];

    /// <summary>Whether everything it needs can be made from the JSON of a threat, and so from the store.</summary>
    public bool IsMadeFromJson => Format == OutputFormat.Json || Source == OutputSource.Local;
}
