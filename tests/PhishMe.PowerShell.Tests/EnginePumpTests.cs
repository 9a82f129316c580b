using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Tests;

/// <summary>The pump between an operation on the pool and the one thread that may speak to the pipeline.</summary>
public sealed class EnginePumpTests : IDisposable
{
    private readonly EnginePump _pump = new(capacity: 4);

    public void Dispose() => _pump.Dispose();

    [Fact]
    public void Messages_arrive_in_order_on_the_calling_thread()
    {
        List<object> received = [];
        var caller = Environment.CurrentManagedThreadId;

        _pump.Run(
            async (writer, _) =>
            {
                for (var i = 0; i < 100; i++)
                {
                    await writer.WriteAsync(new PumpItem(i));
                }
            },
            message =>
            {
                Assert.Equal(caller, Environment.CurrentManagedThreadId);
                received.Add(((PumpItem)message).Value);
            });

        Assert.Equal(Enumerable.Range(0, 100).Cast<object>(), received);
    }

    [Fact]
    public void A_slow_pipeline_slows_the_operation_down()
    {
        var posted = 0;
        var taken = 0;
        var furthestAhead = 0;

        _pump.Run(
            async (writer, _) =>
            {
                for (; posted < 50; posted++)
                {
                    await writer.WriteAsync(new PumpItem(posted));
                }
            },
            _ =>
            {
                furthestAhead = Math.Max(furthestAhead, Volatile.Read(ref posted) - taken++);
                Thread.Sleep(2);
            });

        Assert.InRange(furthestAhead, 1, 6);
    }

    [Fact]
    public void What_was_posted_before_a_failure_still_arrives_and_the_failure_comes_through_unchanged()
    {
        PhishMeException failure = new(Faults.ApiFailing, "The API answered 500.");
        List<PumpMessage> received = [];

        var thrown = Assert.Throws<PhishMeException>(() => _pump.Run(
            async (writer, _) =>
            {
                await writer.WriteAsync(new PumpItem(1));
                throw failure;
            },
            received.Add));

        Assert.Same(failure, thrown);
        Assert.Equal([new PumpItem(1)], received);
    }

    [Fact]
    public void A_barrier_is_passed_only_when_everything_before_it_was_taken()
    {
        var taken = 0;
        var takenAtBarrier = -1;

        _pump.Run(
            async (writer, _) =>
            {
                await writer.WriteAsync(new PumpItem(1));
                await writer.WriteAsync(new PumpItem(2));
                await writer.BarrierAsync();
                takenAtBarrier = Volatile.Read(ref taken);
            },
            _ =>
            {
                Thread.Sleep(20);
                taken++;
            });

        Assert.Equal(2, takenAtBarrier);
    }

    [Fact]
    public void A_consumer_who_has_enough_cancels_the_operation_before_the_barrier_and_is_rethrown_unchanged()
    {
        InvalidOperationException enough = new("enough");
        var committed = false;
        var wasCancelled = false;

        Exception thrown = Assert.Throws<InvalidOperationException>(() => _pump.Run(
            async (writer, _) =>
            {
                try
                {
                    await writer.WriteAsync(new PumpItem(1));
                    await writer.BarrierAsync();
                    committed = true;
                }
                catch (OperationCanceledException)
                {
                    wasCancelled = true;
                    throw;
                }
            },
            _ => throw enough));

        Assert.Same(enough, thrown);
        Assert.False(committed);
        Assert.True(wasCancelled);
    }

    [Fact]
    public void Stop_gives_the_prompt_back_even_when_the_operation_does_not_listen()
    {
        TaskCompletionSource never = new();
        long stoppedAt = 0;

        Assert.ThrowsAny<OperationCanceledException>(() => _pump.Run(
            (_, _) =>
            {
                stoppedAt = Stopwatch.GetTimestamp();
                _pump.Stop();
                return never.Task;
            },
            _ => { }));

        // 100 ms is the promise; on a shared machine only the difference to the 2 s of a downstream stop can be held to.
        Assert.InRange(Stopwatch.GetElapsedTime(stoppedAt), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        never.SetResult();
    }

    [Fact]
    public void Stop_cancels_the_operation()
    {
        var cancelled = false;

        Assert.ThrowsAny<OperationCanceledException>(() => _pump.Run(
            async (_, cancellation) =>
            {
                _pump.Stop();
                try
                {
                    await Task.Delay(Timeout.Infinite, cancellation);
                }
                finally
                {
                    Volatile.Write(ref cancelled, true);
                }
            },
            _ => { }));

        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref cancelled), TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void After_Stop_nothing_is_handed_on_any_more()
    {
        List<PumpMessage> received = [];

        Assert.ThrowsAny<OperationCanceledException>(() => _pump.Run(
            async (writer, _) =>
            {
                for (var i = 0; i < 20; i++)
                {
                    await writer.WriteAsync(new PumpItem(i));
                }
            },
            message =>
            {
                received.Add(message);
                _pump.Stop();
            }));

        Assert.Single(received);
        Assert.ThrowsAny<OperationCanceledException>(() => _pump.Run((_, _) => Task.CompletedTask, received.Add));
    }

    [Fact]
    public void A_pump_serves_one_operation_after_the_other()
    {
        var received = 0;
        for (var i = 0; i < 3; i++)
        {
            _pump.Run((writer, _) => writer.WriteAsync(new PumpItem(1)).AsTask(), _ => received++);
        }

        Assert.Equal(3, received);
    }

    [Fact]
    public void An_operation_that_failed_does_not_cancel_the_next()
    {
        Assert.Throws<IOException>(() => _pump.Run((_, _) => throw new IOException(), _ => { }));
        Assert.Throws<IOException>(() => _pump.Run((writer, _) => writer.WriteAsync(new PumpItem(1)).AsTask(), _ => throw new IOException()));
        var cancelled = true;

        _pump.Run(
            (_, cancellation) =>
            {
                cancelled = cancellation.IsCancellationRequested;
                return Task.CompletedTask;
            },
            _ => { });

        Assert.False(cancelled);
    }

    [Fact]
    public void A_secret_is_looked_up_on_the_pipeline_thread()
    {
        var caller = Environment.CurrentManagedThreadId;
        string? answer = null;

        _pump.Run(
            (writer, _) =>
            {
                answer = writer.AskSecret("token");
                return Task.CompletedTask;
            },
            message =>
            {
                Assert.Equal(caller, Environment.CurrentManagedThreadId);
                var request = Assert.IsType<PumpSecretRequest>(message);
                request.Answer($"value of {request.Name}");
            });

        Assert.Equal("value of token", answer);
    }

    [Fact]
    public void Progress_is_shown_at_most_four_times_a_second()
    {
        FakeTimeProvider clock = new();
        using EnginePump pump = new(capacity: 64, clock);
        List<long> shown = [];

        pump.Run(
            (writer, _) =>
            {
                for (var tick = 0; tick < 200; tick++)
                {
                    writer.Report(new RunProgress { Activity = "Backfill", Done = tick });
                    clock.Advance(TimeSpan.FromMilliseconds(10));
                }

                return Task.CompletedTask;
            },
            message => shown.Add(((PumpProgress)message).Progress.Done));

        Assert.Equal([0, 25, 50, 75, 100, 125, 150, 175], shown);
    }
}
