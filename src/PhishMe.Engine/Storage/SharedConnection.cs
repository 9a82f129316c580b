namespace PhishMe.Engine.Storage;

/// <summary>What the text of a connection to a shared state says. Never holds what was wrong in it: that may be a part of a password.</summary>
internal sealed record SharedConnection
{
    /// <summary>The text as it is used: paths in it are absolute. Credentials included; never log it.</summary>
    public required string Text { get; init; }

    /// <summary>What messages call the database: server and database, without credentials.</summary>
    public required string Name { get; init; }

    /// <summary>The credentials in it; whatever a run writes is searched for them.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>What is wrong with it; empty when nothing is.</summary>
    public IReadOnlyList<ConnectionProblem> Problems { get; init; } = [];
}
