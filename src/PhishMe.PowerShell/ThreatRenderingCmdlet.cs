using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Binding;
using PhishMe.PowerShell.Completion;

namespace PhishMe.PowerShell;

/// <summary>What the cmdlets share that write threats in some form: which threats and which of their indicators are wanted.</summary>
public abstract class ThreatRenderingCmdlet : PhishMeCmdlet
{
    /// <summary>Only this product. Default: both.</summary>
    [Parameter]
    public ThreatType? Type { get; set; }

    /// <summary>Only threats of these malware families or delivery mechanisms. Wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SeenFamilyCompleter))]
    public string[] Family { get; set; } = [];

    /// <summary>Only threats last published at this time or later, such as (Get-Date).AddDays(-30) for a block list of 30 days. A time without a zone is UTC.</summary>
    [Parameter]
    public DateTime? Since { get; set; }

    /// <summary>Only threats last published before this time. A time without a zone is UTC.</summary>
    [Parameter]
    public DateTime? Until { get; set; }

    /// <summary>Only indicators of these kinds. Default: all.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public IndicatorKind[] Kind { get; set; } = [];

    /// <summary>Only indicators of this impact or higher. Indicators without a rating are then left out.</summary>
    [Parameter]
    public Impact? MinimumImpact { get; set; }

    /// <summary>Only indicators with one of these roles, such as C2. Wildcards are allowed. Indicators without a role, such as files, are then left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SeenRoleCompleter))]
    public string[] Role { get; set; } = [];

    /// <summary>
    /// Indicators that are never written: a domain includes its subdomains, a network its addresses, and both the URLs and e-mail addresses there; a URL;
    /// a hash, which includes its file. Empty entries and entries that begin with # are skipped.
    /// </summary>
    [Parameter]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public string[] AllowList { get; set; } = [];

    /// <summary>A text file with one AllowList entry per line. Taken literally.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? AllowListPath { get; set; }

    /// <summary>The form, without conditions.</summary>
    private protected abstract RenderingOptions Form { get; }

    /// <summary>The form and the conditions.</summary>
    /// <returns>How to render.</returns>
    /// <exception cref="PhishMeException">The allow list cannot be read.</exception>
    private protected RenderingOptions Rendering() => Form with
    {
        Type = Type,
        Families = Family,
        Since = PointInTime.Of(Since),
        Until = PointInTime.Of(Until),
        Kinds = Kind.Length == 0 ? null : Kind.ToHashSet(),
        MinimumImpact = MinimumImpact,
        Roles = Role,
        AllowList = AllowListPath is null ? AllowList : [.. AllowList, .. AllowListLines.Read(ResolveFile(AllowListPath, Faults.InputUnreadable))],
    };
}
