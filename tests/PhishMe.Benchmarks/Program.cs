using PhishMe.Benchmarks;

// What phishme is compared with are modes of this program, started by it as processes of their own.
switch (args)
{
    case ["floor", .. var rest]:
        return await Floor.RunAsync(rest);
    case ["serial", .. var rest]:
        return await Serial.RunAsync(rest);
    case ["fixed", .. var rest]:
        return await Fixed.RunAsync(rest);

    // A look at single steps, without targets.
    case ["renderers"]:
        RendererBenchmark.Run();
        return 0;
}

if (BenchmarkOptions.Parse(args) is not BenchmarkOptions options)
{
    await Console.Error.WriteLineAsync(BenchmarkOptions.Usage);
    return 2;
}

var targets = new TargetList();
await using var folder = new BenchmarkFolder();
var native = options.ManagedOnly ? null : await PhishMeProgram.PublishNativeAsync(folder.NativeFolder, withServer: options.Wants("serve"));
IReadOnlyList<PhishMeProgram> programs = native is null ? [PhishMeProgram.Managed] : [native, PhishMeProgram.Managed];
var shell = options.Wants("compare") || options.WantsAlone("module") || options.WantsAlone("outputs") ? await PowerShellProgram.StageAsync() : null;
if (options.Wants("compare"))
{
    await new CompareBenchmark(folder, programs, shell, options, targets).RunAsync();
}

if (options.WantsAlone("module") && shell is not null)
{
    await new ModuleBenchmark(folder, shell, options, targets).RunAsync();
}

if (options.WantsAlone("outputs"))
{
    await new OutputsBenchmark(folder, programs, shell, options, targets).RunAsync();
}

if (options.WantsAlone("memory"))
{
    await new MemoryBenchmark(folder, programs[0], options, targets).RunAsync();
}

if (options.Wants("pace"))
{
    await new PaceBenchmark(folder, programs[0], targets).RunAsync();
}

if (options.Wants("backfill"))
{
    await new BackfillBenchmark(folder, programs, options, targets).RunAsync();
}

if (options.Wants("changes"))
{
    await new ChangesBenchmark(folder, programs[0], targets).RunAsync();
}

if (options.Wants("store"))
{
    await new StoreBenchmark(folder, programs[0], options, targets).RunAsync();
}

if (options.Wants("feeds"))
{
    await new FeedsBenchmark(folder, programs[0], options, targets).RunAsync();
}

if (options.Wants("push"))
{
    await new PushBenchmark(folder, programs[0], options, targets).RunAsync();
}

if (options.Wants("serve"))
{
    await new ServeBenchmark(folder, programs[0], options, targets).RunAsync();
}

if (options.WantsAlone("scale"))
{
    await new ScaleBenchmark(folder, programs[0], options, targets).RunAsync();
}

return targets.Report(Console.Out) ? 0 : 1;
