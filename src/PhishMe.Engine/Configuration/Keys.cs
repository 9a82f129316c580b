namespace PhishMe.Engine.Configuration;

/// <summary>The usual sorts of keys, for the sections of the configuration file.</summary>
internal static class Keys
{
    public static KeySchema Text(string name, string description) =>
        new() { Name = name, Kind = ValueKind.Text, Description = description };

    public static KeySchema Secret(string name, string description) => Text(name, description) with { IsSecret = true };

    /// <summary>A file that is read.</summary>
    public static KeySchema Input(string name, string description) =>
        new() { Name = name, Kind = ValueKind.InputFile, Description = description };

    public static KeySchema Flag(string name, string value, string description) =>
        new() { Name = name, Kind = ValueKind.Boolean, Default = value, Description = description };

    public static KeySchema Url(string name, string value, string description) =>
        new() { Name = name, Kind = ValueKind.Url, Default = value, Description = description };

    public static KeySchema Word(string name, string value, string[] words, string description) =>
        new() { Name = name, Kind = ValueKind.Word, Default = value, Words = words, Description = description };

    public static KeySchema Number(string name, string value, int minimum, int maximum, string description) =>
        new() { Name = name, Kind = ValueKind.Number, Default = value, Minimum = minimum, Maximum = maximum, Description = description };

    /// <summary>A key that only PhishMe for PowerShell has.</summary>
    public static KeySchema Ours(KeySchema key) => key with { KnownIn = KnownIn.PowerShell };

    /// <summary>Accepted for the sake of old files.</summary>
    public static KeySchema CheckConfig() =>
        Flag("check_config", "True", "No effect: everything in use is checked.") with { IsIgnored = true, KnownIn = KnownIn.Version480 };
}
