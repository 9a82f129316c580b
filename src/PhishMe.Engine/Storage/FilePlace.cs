using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>A file of a destination that another program holds.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="Path">The path below its folder.</param>
internal sealed record FilePlace(DestinationId Destination, string Path) : DeadLetterPlace
{
    public override DeadLetterKind Kind => DeadLetterKind.File;

    public override string ToString() => $"file {Path}";
}
