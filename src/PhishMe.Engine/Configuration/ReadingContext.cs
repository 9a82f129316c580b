using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Configuration;

/// <summary>What a reading takes from outside the file. The seam for tests, which run in parallel and as any user.</summary>
internal sealed record ReadingContext
{
    /// <summary>The products that may be configured.</summary>
    public required IReadOnlyList<IProduct> Products { get; init; }

    /// <summary>The sections that are known.</summary>
    public SectionCatalogue Sections => field ??= ConfigurationSchema.Of(Products);

    /// <summary>Resolves <c>secret:NAME</c>; null without a vault.</summary>
    public Func<string, string?>? SecretResolver { get; init; }

    /// <summary>Resolves <c>env:NAME</c>.</summary>
    public Func<string, string?> EnvironmentVariable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Reads the text of a connection to a shared state; the second argument is the folder that relative paths start from.</summary>
    public Func<string, string, SharedConnection> ReadConnection { get; init; } = static (text, _) => new SharedConnection
    {
        Text = text,
        Name = "shared state",
        Problems = [new ConnectionProblem(ConnectionProblemKind.NotUsable, "Nothing here can use it.")],
    };

    /// <summary>A connection in place of that in [state]; null for that in the file.</summary>
    public string? StateConnection { get; init; }

    /// <summary>The name of this machine.</summary>
    public string MachineName { get; init; } = Environment.MachineName;

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Whether the rules of Windows hold for paths.</summary>
    public bool IsWindows { get; init; } = OperatingSystem.IsWindows();

    public bool IsPrivileged { get; init; } = Environment.IsPrivilegedProcess;
}
