namespace PhishMe.Engine.Tests.Rendering;

/// <summary>An event as <see cref="CefReader"/> decodes it.</summary>
/// <param name="Header">Version, vendor, product, version of the product, class, name, severity.</param>
/// <param name="Extension">Keys and values, unescaped.</param>
internal sealed record CefEvent(IReadOnlyList<string> Header, IReadOnlyDictionary<string, string> Extension);
