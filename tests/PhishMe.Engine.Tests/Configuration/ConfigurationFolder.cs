using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Products;

namespace PhishMe.Engine.Tests.Configuration;

/// <summary>A folder of one test with a config.ini in it, gone when the test ends.</summary>
internal sealed class ConfigurationFolder : IDisposable
{
    public const string User = "0123456789abcdef0123456789abcdef";
    public const string Password = "fedcba9876543210fedcba9876543210";

    /// <summary>The least that is valid: everything else has a default.</summary>
    public const string Credentials = $"""
        [pm_api]
        user = {User}
        pass = {Password}

        """;

    /// <summary>Credentials and one output.</summary>
    public const string Minimum = Credentials + """

        [integration_raw_json]
        use = True

        """;

    public ConfigurationFolder() => Path = Directory.CreateTempSubdirectory("phishme-configuration-").FullName;

    public string Path { get; }

    public string File => this["config.ini"];

    /// <summary>What the reading takes from outside; a test may replace it.</summary>
    public ReadingContext Context { get; set; } = new() { Products = ProductCatalogue.All, EnvironmentVariable = _ => null, IsPrivileged = false };

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public ConfigurationReading Read(string content)
    {
        Save(content);
        return Read();
    }

    public ConfigurationReading Read() => ConfigurationReader.Read(File, Context);

    public void Save(string content)
    {
        System.IO.File.WriteAllText(File, content);
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    public void Dispose()
    {
        if (!OperatingSystem.IsWindows())
        {
            foreach (var folder in Directory.GetDirectories(Path, "*", SearchOption.AllDirectories))
            {
                System.IO.File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }

        Directory.Delete(Path, recursive: true);
    }
}
