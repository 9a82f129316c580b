using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>The answer to "has it arrived?".</summary>
/// <param name="Proof">What is known.</param>
/// <param name="Events">How many events it is about: those sent since the last confirmation or failure.</param>
/// <param name="Failure">What broke; null unless <see cref="SyslogProof.Broken"/>.</param>
internal sealed record SyslogConfirmation(SyslogProof Proof, int Events, PhishMeException? Failure = null);
