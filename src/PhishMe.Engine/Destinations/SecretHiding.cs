namespace PhishMe.Engine.Destinations;

/// <summary>Hides the credentials in what is kept or reported.</summary>
/// <param name="Text">In a text.</param>
/// <param name="Bytes">In bytes; null stays null.</param>
internal sealed record SecretHiding(Func<string, string> Text, Func<byte[]?, byte[]?> Bytes);
