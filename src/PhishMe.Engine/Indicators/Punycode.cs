using System.Text;

namespace PhishMe.Engine.Indicators;

/// <summary>The encoding of labels beyond ASCII (RFC 3492).</summary>
internal static class Punycode
{
    private const int MaximumLabel = 63;

    /// <summary>Appends the code of a label, without prefix.</summary>
    /// <returns>False when the label is longer than any label.</returns>
    public static bool TryEncode(string label, StringBuilder output)
    {
        const int Base = 36, TMin = 1, TMax = 26, Skew = 38, Damp = 700, InitialBias = 72, InitialN = 128;
        var points = new List<int>(label.Length);
        var basic = 0;
        foreach (var rune in label.EnumerateRunes())
        {
            points.Add(rune.Value);
            if (rune.IsAscii)
            {
                output.Append((char)rune.Value);
                basic++;
            }
        }

        if (points.Count > MaximumLabel)
        {
            return false;
        }

        if (basic > 0)
        {
            output.Append('-');
        }

        int n = InitialN, delta = 0, bias = InitialBias, handled = basic;
        while (handled < points.Count)
        {
            var next = int.MaxValue;
            foreach (var point in points)
            {
                if (point >= n && point < next)
                {
                    next = point;
                }
            }

            delta += (next - n) * (handled + 1);
            n = next;
            foreach (var point in points)
            {
                if (point < n)
                {
                    delta++;
                }
                else if (point == n)
                {
                    var q = delta;
                    for (var k = Base; ; k += Base)
                    {
                        var t = k <= bias ? TMin : k >= bias + TMax ? TMax : k - bias;
                        if (q < t)
                        {
                            break;
                        }

                        output.Append(Digit(t + ((q - t) % (Base - t))));
                        q = (q - t) / (Base - t);
                    }

                    output.Append(Digit(q));
                    bias = Adapt(delta, handled + 1, handled == basic);
                    delta = 0;
                    handled++;
                }
            }

            delta++;
            n++;
        }

        return true;

        static char Digit(int value) => (char)(value < 26 ? 'a' + value : '0' + value - 26);

        static int Adapt(int delta, int count, bool first)
        {
            delta = first ? delta / Damp : delta / 2;
            delta += delta / count;
            var k = 0;
            while (delta > (Base - TMin) * TMax / 2)
            {
                delta /= Base - TMin;
                k += Base;
            }

            return k + ((Base - TMin + 1) * delta / (delta + Skew));
        }
    }
}
