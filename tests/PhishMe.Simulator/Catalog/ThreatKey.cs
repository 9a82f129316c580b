using System.Globalization;

namespace PhishMe.Simulator.Catalog;

/// <summary>Product and number; the products reuse numbers.</summary>
internal readonly record struct ThreatKey(ThreatProduct Product, long Id) : IComparable<ThreatKey>
{
    /// <summary>The product as paths and the changelog write it.</summary>
    public string Type => Product == ThreatProduct.Malware ? "malware" : "phish";

    public static ThreatKey Of(string type, long id) => new(ProductOf(type), id);

    public static ThreatKey Parse(string id) =>
        TryParse(id, out var key) ? key : throw new ArgumentException($"'{id}' is not a threat id such as m_1 or p_1.", nameof(id));

    public static bool TryParse(string? id, out ThreatKey key)
    {
        key = default;
        if (id is not { Length: > 2 } || id[1] != '_' || id[0] is not ('m' or 'p')
            || !long.TryParse(id.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        key = new ThreatKey(id[0] == 'm' ? ThreatProduct.Malware : ThreatProduct.Phish, number);
        return true;
    }

    public int CompareTo(ThreatKey other)
    {
        var byProduct = Product.CompareTo(other.Product);
        return byProduct != 0 ? byProduct : Id.CompareTo(other.Id);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Product == ThreatProduct.Malware ? 'm' : 'p')}_{Id}");

    private static ThreatProduct ProductOf(string type) =>
        type.Equals("malware", StringComparison.OrdinalIgnoreCase) ? ThreatProduct.Malware
        : type.Equals("phish", StringComparison.OrdinalIgnoreCase) ? ThreatProduct.Phish
        : throw new ArgumentException($"'{type}' is neither malware nor phish.", nameof(type));
}
