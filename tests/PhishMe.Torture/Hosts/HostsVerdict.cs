using System.Globalization;

namespace PhishMe.Torture.Hosts;

/// <summary>How hosts fared that share a state.</summary>
/// <param name="Runs">Runs that were started.</param>
/// <param name="Kills">Runs that were killed.</param>
/// <param name="Locked">Runs that ended with 11, because another host worked.</param>
/// <param name="Findings">What is not as it would be without kills; empty when all is well.</param>
internal sealed record HostsVerdict(int Runs, int Kills, int Locked, IReadOnlyList<string> Findings)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Runs} runs, {Kills} killed, {Locked} ended with 11; {Findings.Count} findings{string.Concat(Findings.Select(finding => $"\n  {finding}"))}");
}
