using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running.Sessions;

/// <summary>What a run would set aside is reported at once to a person at a prompt.</summary>
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
