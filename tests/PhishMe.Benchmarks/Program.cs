using PhishMe.Benchmarks;

// The floor is a mode of this program, started by it as a process of its own.
if (args is ["floor", .. string[] rest])
{
    return await Floor.RunAsync(rest);
}

if (BenchmarkOptions.Parse(args) is not BenchmarkOptions options)
{
    await Console.Error.WriteLineAsync(BenchmarkOptions.Usage);
    return 2;
}

var targets = new TargetList();
await using var workshop = new Workshop();
var native = options.ManagedOnly ? null : await PhishMeProgram.PublishNativeAsync(workshop.NativeFolder);
IReadOnlyList<PhishMeProgram> programs = native is null ? [PhishMeProgram.Managed] : [native, PhishMeProgram.Managed];
if (options.Wants("backfill"))
{
    await new BackfillBenchmark(workshop, programs, options, targets).RunAsync();
}

if (options.Wants("changes"))
{
    await new ChangesBenchmark(workshop, programs[0], targets).RunAsync();
}

if (options.Wants("store"))
{
    await new StoreBenchmark(workshop, programs[0], options, targets).RunAsync();
}

return targets.Report(Console.Out) ? 0 : 1;
