namespace PhishMe.Engine.Storage.Copying;

/// <summary>What texts become in a copy, where names differ between the kinds of states.</summary>
internal interface ICopiedNames
{
    /// <summary>The text as the copy has it.</summary>
    /// <param name="area">The area.</param>
    /// <param name="column">The column.</param>
    /// <param name="text">The text as the original has it.</param>
    string Of(string area, string column, string text);
}
