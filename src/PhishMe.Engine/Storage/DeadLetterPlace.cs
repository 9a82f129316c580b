using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>What a dead letter is about, and where it was met. As text it is what people read; nothing reads that text back.</summary>
internal abstract record DeadLetterPlace
{
    public abstract DeadLetterKind Kind { get; }

    /// <summary>The threat; null where no id is known.</summary>
    public virtual ThreatId? Threat => null;
}
