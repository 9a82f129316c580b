namespace PhishMe.Engine.Files;

/// <summary>One entry of a Windows access list.</summary>
/// <param name="Account">Security identifier, such as S-1-1-0 for everyone.</param>
/// <param name="Name">Its name; the identifier where the system knows no name.</param>
/// <param name="Rights">Access mask.</param>
/// <param name="Allows">Whether it allows; else it denies.</param>
internal readonly record struct AccessEntry(string Account, string Name, int Rights, bool Allows);
