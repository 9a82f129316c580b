using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Running.CatchingUp;

/// <summary>Why a destination catches up and how far it is, in words.</summary>
internal static class CatchUpText
{
    public static string Of(CatchUp catchUp)
    {
        var why = catchUp.Reason switch
        {
            CatchUpReason.New => "new",
            CatchUpReason.WasOff => "was off",
            CatchUpReason.Reset => "reset",
            CatchUpReason.FellBehind => "its queue was full",
        };
        return catchUp switch
        {
            { StorePlace: > 0 } => $"{why}; reads the store",
            { Cursor: { Phase: SyncPhase.Following } } => $"{why}; follows the changes it missed",
            { Cursor: SyncCursor cursor } => FormattableString.Invariant($"{why}; backfill, {(cursor.Phase == SyncPhase.CefWindows ? "window" : "page")} {cursor.NextStep} is next"),
            _ => $"{why}; not begun",
        };
    }
}
