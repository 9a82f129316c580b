namespace PhishMe.Simulator.Http;

/// <summary>The request cannot be understood; the message goes to the client with status 400.</summary>
internal sealed class BadRequestException(string message) : Exception(message);
