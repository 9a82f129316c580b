using System.Security.Cryptography;
using System.Text;
using PhishMe.Engine.Configuration;

namespace PhishMe.Server.Listening;

/// <summary>
/// Basic authentication (RFC 7617). What a client sends is compared as a hash and in constant time, so that neither its length nor how much of it is right
/// can be measured.
/// </summary>
internal sealed class BasicCredentials(ListenerSettings settings)
{
    public const string Scheme = "Basic ";

    private const int LongestHeader = 4096;

    private readonly byte[][] _accepted =
    [
        .. settings.Passwords.Select(password => SHA256.HashData(Encoding.UTF8.GetBytes($"{settings.User}:{password}"))),
    ];

    /// <summary>Whether credentials are asked for.</summary>
    public bool AreNeeded { get; } = settings.User is not null;

    /// <summary>Whether a header names a user and a password that are accepted.</summary>
    /// <param name="header">The value of Authorization; null for none.</param>
    public bool Accept(string? header)
    {
        if (!AreNeeded)
        {
            return true;
        }

        if (header is null || header.Length > LongestHeader || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var given = new byte[LongestHeader];
        if (!Convert.TryFromBase64String(header[Scheme.Length..].Trim(), given, out var length))
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(given.AsSpan(0, length), hash);
        var isAccepted = false;
        foreach (var accepted in _accepted)
        {
            isAccepted |= CryptographicOperations.FixedTimeEquals(hash, accepted);
        }

        return isAccepted;
    }
}
