namespace PhishMe.Engine.Storage.Copying;

/// <summary>An area that was copied and compared.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rows">How many rows it has.</param>
internal readonly record struct CopiedArea(string Name, long Rows);
