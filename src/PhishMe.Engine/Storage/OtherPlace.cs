using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>A place that only the words of an older version describe.</summary>
/// <param name="Text">The words.</param>
internal sealed record OtherPlace(string Text) : DeadLetterPlace
{
    public override DeadLetterKind Kind => DeadLetterKind.Other;

    public override string ToString() => Text;
}
