namespace PhishMe.Engine.Files;

/// <summary>A file that could not be changed because another program has it open.</summary>
/// <param name="Change">What was to be done.</param>
/// <param name="Reason">What the system says.</param>
/// <param name="Holders">Who has it open, as far as the system tells.</param>
internal sealed record HeldFile(FileChange Change, string Reason, IReadOnlyList<string> Holders)
{
    /// <summary>For a person: what the system says, and who has it open.</summary>
    public override string ToString() => Holders.Count > 0 ? $"{Reason} Open in {string.Join(", ", Holders)}." : Reason;
}
