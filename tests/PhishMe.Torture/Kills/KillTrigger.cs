namespace PhishMe.Torture.Kills;

/// <summary>What makes a run die.</summary>
internal enum KillTrigger
{
    /// <summary>The process kills itself at a named step.</summary>
    Step,

    /// <summary>It is killed from outside while the server holds a request of it.</summary>
    Request,

    /// <summary>It is killed from outside while a product holds a request of it, before or behind the work.</summary>
    Delivery,

    /// <summary>It is killed from outside at a random time.</summary>
    Time,
}
