using System.Security.Cryptography.X509Certificates;

namespace PhishMe.Simulator;

/// <summary>What a simulator serves and how. Everything has a default, so <c>new SimulatorOptions()</c> is an empty server on any free port.</summary>
public sealed record SimulatorOptions
{
    /// <summary>User name served unless <see cref="User"/> says otherwise; long enough for clients that demand 32 characters.</summary>
    public const string DefaultUser = "simulator-user-0123456789abcdef0123";

    /// <summary>Password served unless <see cref="Password"/> says otherwise.</summary>
    public const string DefaultPassword = "simulator-pass-fedcba9876543210fedc";

    /// <summary>TCP port on 127.0.0.1; 0 takes any free one.</summary>
    public int Port { get; init; }

    /// <summary>Number of generated threats that exist from the start.</summary>
    public int Threats { get; init; }

    /// <summary>Same seed, same bytes.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>First publications of the generated threats are spread evenly from here …</summary>
    public DateTimeOffset From { get; init; } = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>… to here. No generated threat is republished later than this before the simulator starts.</summary>
    public DateTimeOffset To { get; init; } = new(2025, 6, 30, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Folder whose <c>*.json</c> files (one bare threat each) are served too.</summary>
    public string? LoadFolder { get; init; }

    /// <summary>User name of Basic authentication.</summary>
    public string User { get; init; } = DefaultUser;

    /// <summary>Password of Basic authentication.</summary>
    public string Password { get; init; } = DefaultPassword;

    /// <summary>Added to every answer, to resemble a distant server.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>What the server can take.</summary>
    public HostLimits Limits { get; init; } = new();

    /// <summary>Compress answers for clients that accept gzip.</summary>
    public bool Gzip { get; init; } = true;

    /// <summary>Serve TLS instead of plain HTTP.</summary>
    public bool Https { get; init; }

    /// <summary>Certificate for <see cref="Https"/>; without one a self-signed certificate for 127.0.0.1 and localhost is made.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Demands a client certificate under <see cref="Https"/>, and says whether it is the right one; null demands none.</summary>
    public Func<X509Certificate2, bool>? AcceptsClient { get; init; }

    /// <summary>Refuse HTTP/2. Has a meaning with <see cref="Https"/> only: plain HTTP is always HTTP/1.1.</summary>
    public bool Http1Only { get; init; }

    /// <summary>Vendor in the CEF header: <c>PhishMe</c> in the vendor's old documentation, probably <c>Cofense</c> later.</summary>
    public string CefVendor { get; init; } = "PhishMe";

    /// <summary>Changelog entries carry <c>timestamp</c> (vendor's sample of 2017).</summary>
    public bool IncludeTimestamp { get; init; }

    /// <summary>Changelog entries carry <c>occurredOn</c> (a sample of 2024).</summary>
    public bool IncludeOccurredOn { get; init; } = true;

    /// <summary>
    /// The real server's bounds are not documented. By default an <c>endTimestamp</c> E includes what happened up to E.000, so a client that
    /// asks for [a, b-1] and [b, c] loses a second; with this it includes up to E.999, so a client that asks for [a, b] and [b, c] gets doubles.
    /// </summary>
    public bool EndCoversWholeSecond { get; init; }

    /// <summary>Page size of a search that names none. The vendor's sample shows 1.</summary>
    public int DefaultPageSize { get; init; } = 1;

    /// <summary>The clock that dates what happens at run time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
