using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running;

/// <summary>What a run sets aside is what a person at a prompt is told at once.</summary>
internal static class MissedThreats
{
    public static MissedThreat Of(DeadLetter letter) => new()
    {
        Subject = letter.Subject,
        Fault = new Fault
        {
            Kind = letter.NotFound ? Faults.ThreatNotFound : Faults.ApiAnswerInvalid,
            Message = letter.NotFound ? $"There is no threat {letter.Subject}." : $"{letter.Subject}: {letter.Reason}",
        },
    };
}
