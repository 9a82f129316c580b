namespace PhishMe.Simulator.Http;

/// <summary>How many changes an answer holds.</summary>
internal sealed class ChangelogPaging
{
    public const int FullPage = 1000;

    private int _size = FullPage;
    private int _once;

    public int Size
    {
        get => Volatile.Read(ref _size);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            Volatile.Write(ref _size, value);
        }
    }

    /// <summary>Size of the next answer only; 0 when nothing is set.</summary>
    public int Once
    {
        get => Volatile.Read(ref _once);
        set => Volatile.Write(ref _once, value);
    }

    public int Take() => Interlocked.Exchange(ref _once, 0) is > 0 and var once ? once : Size;
}
