using PhishMe.InProcess.Tests;

[assembly: AssemblyFixture(typeof(PositionHome))]

namespace PhishMe.InProcess.Tests;

/// <summary>The folder of named positions: one for this process, as PHISHME_HOME is. Each test has names of its own in it.</summary>
public sealed class PositionHome : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("phishme-home-").FullName;

    public PositionHome() => Environment.SetEnvironmentVariable("PHISHME_HOME", _folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
