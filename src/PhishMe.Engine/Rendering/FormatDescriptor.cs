using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>All there is to know of a format for whoever writes, names or serves it.</summary>
internal sealed record FormatDescriptor
{
    /// <summary>The format.</summary>
    public required RenderingFormat Format { get; init; }

    /// <summary>Extension of files, with its dot.</summary>
    public required string Extension { get; init; }

    /// <summary>Media type of answers and uploads.</summary>
    public required string MediaType { get; init; }

    /// <summary>How threats follow one another.</summary>
    public required DocumentForm Document { get; init; }

    /// <summary>Whether the format can say that a threat was withdrawn. Otherwise nothing is written of such a threat.</summary>
    public required bool AnnouncesWithdrawal { get; init; }

    /// <summary>Whether that announcement repeats what was known of the threat, so that its last JSON is worth a look-up.</summary>
    public required bool RepeatsWithdrawn { get; init; }

    /// <summary>Whether the format can say that an indicator left a threat that goes on.</summary>
    public required bool AnnouncesRemoval { get; init; }

    /// <summary>Whether JSON has a second layout, that of the original (<c>layout = legacy</c>).</summary>
    public bool HasLegacyLayout { get; init; }

    /// <summary>Makes a renderer with the score of each impact; conditions on threats and indicators are applied by <see cref="FormatCatalogue.CreateRenderer"/>.</summary>
    public required Func<RenderingOptions, ScoreTable, IThreatRenderer> Renderer { get; init; }
}
