namespace PhishMe.Server.Feeds;

/// <summary>What stands for the bytes of a file.</summary>
/// <param name="Hash">SHA-256 of its content, in hexadecimal.</param>
/// <param name="ModifiedAt">When it was written, in whole seconds and never later than now: a reader may use it as its cursor.</param>
internal sealed record FileVersion(string Hash, DateTimeOffset ModifiedAt);
