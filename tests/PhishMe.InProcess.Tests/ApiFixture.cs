using System.Management.Automation;
using PhishMe.Simulator;

namespace PhishMe.InProcess.Tests;

/// <summary>An API for the tests of a class, and a folder for their files.</summary>
public sealed class ApiFixture : IAsyncLifetime
{
    private const int Threats = 60;

    public ThreatHqSimulator Simulator { get; private set; } = null!;

    public string BaseUri => Simulator.BaseUri.AbsoluteUri;

    public PSCredential Credential => new(Simulator.User, new System.Net.NetworkCredential(string.Empty, Simulator.Password).SecurePassword);

    /// <summary>The documents of all threats, as ConvertFrom-PhishMeJson takes them.</summary>
    public string[] Documents => [.. Simulator.Threats.Select(threat => System.Text.Encoding.UTF8.GetString(Simulator.Json(threat.Type, threat.Id).Span))];

    public string Folder { get; } = Directory.CreateTempSubdirectory("phishme-inprocess-").FullName;

    public async ValueTask InitializeAsync() => Simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = Threats });

    /// <summary>A config.ini that leads to the API; one try per request.</summary>
    public string WriteConfiguration(string name, params string[] more)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllLines(path, ["[pm_api]", $"base_url = {BaseUri}", $"user = {Simulator.User}", $"pass = {Simulator.Password}", "max_retries = 1", .. more]);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }

    public async ValueTask DisposeAsync()
    {
        await Simulator.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
