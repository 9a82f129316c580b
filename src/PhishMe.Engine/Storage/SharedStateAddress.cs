namespace PhishMe.Engine.Storage;

/// <summary>How a database that hosts share is reached, and who we are there.</summary>
internal sealed record SharedStateAddress
{
    /// <summary>Keywords and values of Npgsql, credentials included. Never log it.</summary>
    public required string Connection { get; init; }

    /// <summary>What messages call it: server and database, without credentials.</summary>
    public required string Name { get; init; }

    /// <summary>The name of this host among those that share the state.</summary>
    public required string Host { get; init; }

    /// <summary>Without the credentials.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Name} as {Host}";
}
