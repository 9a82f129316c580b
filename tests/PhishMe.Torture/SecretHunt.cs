using System.Text;

namespace PhishMe.Torture;

/// <summary>Looks for the credentials of an installation in everything it left and said, config.ini excepted: that is where they belong.</summary>
internal static class SecretHunt
{
    /// <returns>Where one was found; empty when nowhere.</returns>
    public static IReadOnlyList<string> In(TortureInstallation installation, params IEnumerable<string> furtherSecrets)
    {
        var user = installation.Simulator.Options.User;
        string[] passwords = [installation.Simulator.Options.Password, installation.Simulator.Password];
        var tokens = passwords.Select(password => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        string[] secrets =
        [
            .. passwords.Append(user).Concat(tokens).Concat(furtherSecrets)
                .SelectMany(secret => (string[])[secret, Uri.EscapeDataString(secret)])
                .Distinct(StringComparer.Ordinal),
        ];
        var found = new List<string>();
        foreach (var path in Directory.EnumerateFiles(installation.Folder, "*", SearchOption.AllDirectories).Where(path => path != installation.ConfigurationPath))
        {
            var content = File.ReadAllBytes(path);
            found.AddRange(secrets
                .Where(secret => content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) >= 0)
                .Select(secret => $"{Path.GetRelativePath(installation.Folder, path)} holds {secret[..4]}…"));
        }

        var said = installation.Output.ToString();
        found.AddRange(secrets.Where(secret => said.Contains(secret, StringComparison.Ordinal)).Select(secret => $"it was said: {secret[..4]}…"));
        return found;
    }
}
