using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Binding;
using PhishMe.PowerShell.Completion;

namespace PhishMe.PowerShell;

/// <summary>What the cmdlets share that write threats in some form: which threats and which of their indicators are wanted.</summary>
public abstract class ThreatRenderingCmdlet : PhishMeCmdlet
{
    /// <summary>One product; both unless given.</summary>
    [Parameter]
    public ThreatType? Type { get; set; }

    /// <summary>Only threats of these malware families or delivery mechanisms.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SeenFamilyCompleter))]
    public string[] Family { get; set; } = [];

    /// <summary>Only threats published last at this time or later, such as (Get-Date).AddDays(-30) for the age of a block list.</summary>
    [Parameter]
    public DateTime? Since { get; set; }

    /// <summary>Only threats published last before this time.</summary>
    [Parameter]
    public DateTime? Until { get; set; }

    /// <summary>The kinds of indicators wanted; all unless given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public IndicatorKind[] Kind { get; set; } = [];

    /// <summary>The lowest impact of indicators wanted. With it what is not rated is left out.</summary>
    [Parameter]
    public Impact? MinimumImpact { get; set; }

    /// <summary>Only indicators with one of these roles, such as C2. With it what has no role is left out, such as files.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SeenRoleCompleter))]
    public string[] Role { get; set; } = [];

    /// <summary>
    /// Indicators that are never written: a domain with all below it, a network with its addresses, both with the URLs and e-mail addresses there, a URL,
    /// a hash with its file. Blank entries and those that begin with # are passed over.
    /// </summary>
    [Parameter]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public string[] AllowList { get; set; } = [];

    /// <summary>A text file with one such entry per line, taken literally.</summary>
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
        AllowList = AllowListPath is null ? AllowList : [.. AllowList, .. Lines(ResolveFile(AllowListPath, Faults.InputUnreadable))],
    };

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(Faults.InputUnreadable, $"The allow list cannot be read: {exception.Message}", path, exception);
        }
    }
}
