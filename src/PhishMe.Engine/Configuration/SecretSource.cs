using System.Text;

namespace PhishMe.Engine.Configuration;

/// <summary>Where a secret is kept: <c>env:NAME</c>, <c>file:PATH</c>, <c>secret:NAME</c>, or literally in the file.</summary>
internal static class SecretSource
{
    private const string EnvironmentPrefix = "env:";
    private const string FilePrefix = "file:";
    private const string VaultPrefix = "secret:";
    private const int LargestFile = 64 * 1024;

    public static bool IsLiteral(string value) =>
        !StartsWith(value, EnvironmentPrefix) && !StartsWith(value, FilePrefix) && !StartsWith(value, VaultPrefix);

    /// <summary>Gets the secret.</summary>
    /// <param name="value">The value in the configuration file.</param>
    /// <param name="folder">The folder that relative paths start from.</param>
    /// <param name="context">Environment and vault.</param>
    /// <param name="secret">The secret; empty when it cannot be had.</param>
    /// <param name="exposure">What to say when other accounts may read the file it came from; otherwise null.</param>
    /// <returns>Why it cannot be had and what to do; null when it was.</returns>
    public static string? TryResolve(string value, string folder, ReadingContext context, out string secret, out string? exposure)
    {
        secret = string.Empty;
        exposure = null;
        if (StartsWith(value, EnvironmentPrefix))
        {
            return FromEnvironment(value[EnvironmentPrefix.Length..].Trim(), context, out secret);
        }

        if (StartsWith(value, FilePrefix))
        {
            return FromFile(value[FilePrefix.Length..].Trim(), folder, out secret, out exposure);
        }

        if (StartsWith(value, VaultPrefix))
        {
            return FromVault(value[VaultPrefix.Length..].Trim(), context, out secret);
        }

        secret = value;
        return null;
    }

    private static string? FromEnvironment(string name, ReadingContext context, out string secret)
    {
        secret = name.Length == 0 ? string.Empty : context.EnvironmentVariable(name)?.Trim() ?? string.Empty;
        return secret.Length > 0 ? null : "The environment variable after env: is not set or is empty. Set it for the account that " +
            "runs the integration.";
    }

    private static string? FromFile(string path, string folder, out string secret, out string? exposure)
    {
        secret = string.Empty;
        exposure = null;
        try
        {
            var full = Path.GetFullPath(path, folder);
            if (BoundedFile.TryRead(full, LargestFile) is not { } bytes)
            {
                return "The file after file: is too large to be a secret. Name a file that contains only the secret.";
            }

            secret = Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF').Trim();
            exposure = PathAccess.ExposureOf(full) is { } how ? $"The secret file {full} can be read or written by other accounts. {how}" : null;
            return secret.Length > 0 ? null : "The file after file: is empty. Write the secret into it.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return "The file after file: does not exist or cannot be read. Create it, readable for the account that runs the " +
                "integration alone.";
        }
    }

    private static string? FromVault(string name, ReadingContext context, out string secret)
    {
        secret = string.Empty;
        if (context.SecretResolver is null)
        {
            return "secret: needs a SecretManagement vault, which only the cmdlets can use. Use Invoke-PhishMeIntegration, or env: or " +
                "file: instead.";
        }

        try
        {
            secret = name.Length == 0 ? string.Empty : context.SecretResolver(name) ?? string.Empty;
        }
#pragma warning disable CA1031 // A vault is foreign code: whatever it throws is a finding, and its message may hold what must not be shown.
        catch (Exception)
#pragma warning restore CA1031
        {
            return "The vault did not return the secret after secret:. Check with Get-Secret that the vault is unlocked and has it.";
        }

        return secret.Length > 0 ? null : "The vault has no secret with the name after secret:. Store it with Set-Secret.";
    }

    private static bool StartsWith(string value, string prefix) => value.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);
}
