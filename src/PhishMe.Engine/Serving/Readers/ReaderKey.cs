namespace PhishMe.Engine.Serving.Readers;

/// <summary>Who reads what. Several readers may share their credentials, so the program that asks counts, too.</summary>
/// <param name="Section">The section of the server.</param>
/// <param name="User">The user name that was given; empty when no credentials were. Never the password.</param>
/// <param name="Client">What the client calls itself (User-Agent), cut to <see cref="ReaderRegister.LongestName"/> characters; empty when it does not.</param>
/// <param name="Collection">The collection, or the address of the feed file.</param>
internal readonly record struct ReaderKey(string Section, string User, string Client, string Collection);
