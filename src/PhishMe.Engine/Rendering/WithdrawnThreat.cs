using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>What is known of a threat that was withdrawn.</summary>
internal readonly record struct WithdrawnThreat
{
    /// <summary>The threat.</summary>
    public required ThreatId Id { get; init; }

    /// <summary>Its last known JSON; null when it is not stored.</summary>
    public byte[]? LastKnown { get; init; }

    /// <summary>What that JSON says, when it was read before; null when it was not.</summary>
    public Threat? LastModel { get; init; }

    /// <summary>Its first publication, epoch milliseconds; null when unknown.</summary>
    public long? FirstPublished { get; init; }

    /// <summary>
    /// Its last publication as delivered to the output, epoch milliseconds; the time of now when nothing is recorded, because a new version must be later than
    /// what the output holds.
    /// </summary>
    public long? LastPublished { get; init; }

    /// <summary>The threat with all its parts, as far as its JSON can be read; otherwise with its id and dates.</summary>
    public Threat Read()
    {
        try
        {
            if (LastKnown is not null)
            {
                if (LastModel is not null)
                {
                    return LastModel;
                }

                return ThreatReader.Read(LastKnown, withdrawn: true);
            }
        }
        catch (PhishMeException)
        {
            // It was set aside in this format, so its id is all that was ever written.
        }

        return Unread();
    }

    /// <summary>The threat with its id, its dates and its JSON.</summary>
    public Threat Unread() => new()
    {
        Id = Id,
        FirstPublished = FirstPublished is long first ? DateTimeOffset.FromUnixTimeMilliseconds(first) : null,
        LastPublished = LastPublished is long last ? DateTimeOffset.FromUnixTimeMilliseconds(last) : null,
        Withdrawn = true,
        Json = LastKnown,
    };
}
