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

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Whether the rules of Windows hold for paths.</summary>
    public bool IsWindows { get; init; } = OperatingSystem.IsWindows();

    public bool IsPrivileged { get; init; } = Environment.IsPrivilegedProcess;
}
