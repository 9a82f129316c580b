namespace PhishMe.Engine.Storage;

/// <summary>Something that is wrong with the text of a connection.</summary>
/// <param name="Kind">How bad it is.</param>
/// <param name="Message">What is wrong and what to do, without values of the text.</param>
internal sealed record ConnectionProblem(ConnectionProblemKind Kind, string Message);
