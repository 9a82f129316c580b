using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running.Checking;

/// <summary>
/// Warns when a run, or a file it reads and writes, belongs to root: the vendor advises against it. Linux and macOS; the owner of files on Linux only.
/// </summary>
internal static class OwnershipCheck
{
    /// <summary>One result about the account, one about the files; none when nothing belongs to root.</summary>
    public static IEnumerable<CheckResult> Run(IntegrationSettings settings)
    {
        if (OperatingSystem.IsWindows())
        {
            yield break;
        }

        if (Environment.IsPrivilegedProcess)
        {
            yield return Checks.Warn("Account", "This runs as root, which the vendor advises against.", "Run it as an account of its own that owns its files.");
        }

        string[] owned = [.. Files(settings).Distinct(StringComparer.Ordinal).Where(FileOwner.IsRoot)];
        if (owned.Length > 0)
        {
            yield return Checks.Warn(
                "Owner",
                $"Root owns {string.Join(", ", owned)}. A run as another account may not be able to replace them.",
                "Give them to the account that runs the integration: chown ACCOUNT FILE.");
        }
    }

    private static IEnumerable<string> Files(IntegrationSettings settings)
    {
        string?[] named = [settings.Path, settings.State.File, settings.Log.File, settings.LockFile, settings.Metrics.TextFile, .. settings.Outputs.SelectMany(output => new[] { output.AppendFile, output.Folder })];
        return named.OfType<string>().Where(Path.Exists);
    }
}
