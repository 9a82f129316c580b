namespace PhishMe.Intelligence;

/// <summary>Carries a <see cref="Intelligence.Fault"/> from the place where it occurs to the place where it is reported.</summary>
public sealed class PhishMeException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="kind">The entry of the catalogue.</param>
    /// <param name="message">What went wrong, in one sentence without secrets.</param>
    /// <param name="where">Path, URL or section and key.</param>
    /// <param name="innerException">The cause.</param>
    public PhishMeException(FaultKind kind, string message, string? where = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Fault = new Fault { Kind = kind, Message = message, Where = where };
    }

    /// <summary>The fault.</summary>
    public Fault Fault { get; }
}
