<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>PartitionPlan</name>
    <message numerus="yes">
        <source>one every %n hour(s), of UTC</source>
        <translation>
            <numerusform>one every hour, of UTC</numerusform>
            <numerusform>one every %n hours, of UTC</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>one every %n day(s)</source>
        <translation>
            <numerusform>one every day</numerusform>
            <numerusform>one every %n days</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>one every %n week(s) from Monday</source>
        <translation>
            <numerusform>one every week from Monday</numerusform>
            <numerusform>one every %n weeks from Monday</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>one every %n month(s)</source>
        <translation>
            <numerusform>one every month</numerusform>
            <numerusform>one every %n months</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>one every %n quarter(s)</source>
        <translation>
            <numerusform>one every quarter</numerusform>
            <numerusform>one every %n quarters</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>one every %n year(s)</source>
        <translation>
            <numerusform>one every year</numerusform>
            <numerusform>one every %n years</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::AlertsDialog</name>
    <message numerus="yes">
        <source>How old a view or table of its %n database(s) may be where it has no target of its own. One object&apos;s own target is set on the Freshness page.</source>
        <translation>
            <numerusform>How old a view or table of its one database may be where it has no target of its own. One object&apos;s own target is set on the Freshness page.</numerusform>
            <numerusform>How old a view or table of its %n databases may be where it has no target of its own. One object&apos;s own target is set on the Freshness page.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::DependencyGraph</name>
    <message numerus="yes">
        <source>reads %1, %n step(s) away</source>
        <translation>
            <numerusform>reads %1, %n step away</numerusform>
            <numerusform>reads %1, %n steps away</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>read by %1, %n step(s) away</source>
        <translation>
            <numerusform>read by %1, %n step away</numerusform>
            <numerusform>read by %1, %n steps away</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::FreshnessDetail</name>
    <message numerus="yes">
        <source>%n refresh(es) with a known duration</source>
        <translation>
            <numerusform>%n refresh with a known duration</numerusform>
            <numerusform>%n refreshes with a known duration</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>%n failed</numerusform>
            <numerusform>%n failed</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::FreshnessModel</name>
    <message numerus="yes">
        <source>The last %n duration(s), oldest first</source>
        <translation>
            <numerusform>The last %n duration, oldest first</numerusform>
            <numerusform>The last %n durations, oldest first</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::HistoryPage</name>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>%n failed</numerusform>
            <numerusform>%n failed</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::LockTreeModel</name>
    <message numerus="yes">
        <source>%n wait(s) for it, directly or not</source>
        <translation>
            <numerusform>%n waits for it, directly or not</numerusform>
            <numerusform>%n wait for it, directly or not</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::LocksPage</name>
    <message numerus="yes">
        <source>%n backends</source>
        <translation>
            <numerusform>%n backend</numerusform>
            <numerusform>%n backends</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Holds up %n</source>
        <translation>
            <numerusform>Holds up %n</numerusform>
            <numerusform>Holds up %n</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::OverviewPage</name>
    <message numerus="yes">
        <source>%n events in the last hour</source>
        <translation>
            <numerusform>%n event in the last hour</numerusform>
            <numerusform>%n events in the last hour</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::PartitionStatus</name>
    <message numerus="yes">
        <source>%n pair(s) of partitions overlap: a row may stand in either.</source>
        <translation>
            <numerusform>%n pair of partitions overlaps: a row may stand in either.</numerusform>
            <numerusform>%n pairs of partitions overlap: a row may stand in either.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n range(s) between the partitions have none.</source>
        <translation>
            <numerusform>%n range between the partitions has none.</numerusform>
            <numerusform>%n ranges between the partitions have none.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::PartitionStrip</name>
    <message numerus="yes">
        <source>%1, %n partition(s)</source>
        <translation>
            <numerusform>%1, %n partition</numerusform>
            <numerusform>%1, %n partitions</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n partition(s), largest first</source>
        <translation>
            <numerusform>%n partition, largest first</numerusform>
            <numerusform>%n partitions, largest first</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::PartitionedTableModel</name>
    <message numerus="yes">
        <source>%n partition(s) that hold rows</source>
        <translation>
            <numerusform>%n partition that holds rows</numerusform>
            <numerusform>%n partitions that hold rows</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::PartitionsDetail</name>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::RefreshGantt</name>
    <message numerus="yes">
        <source>%n object(s) between %1 and %2</source>
        <translation>
            <numerusform>%n object between %1 and %2</numerusform>
            <numerusform>%n objects between %1 and %2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::RefreshSummaryModel</name>
    <message numerus="yes">
        <source>Over %n timed run(s)</source>
        <translation>
            <numerusform>Over %n timed run</numerusform>
            <numerusform>Over %n timed runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::ServerCard</name>
    <message numerus="yes">
        <source>%n databases are not watched</source>
        <translation>
            <numerusform>%n database is not watched</numerusform>
            <numerusform>%n databases are not watched</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n databases</source>
        <translation>
            <numerusform>%n database</numerusform>
            <numerusform>%n databases</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n not reachable</source>
        <translation>
            <numerusform>%n not reachable</numerusform>
            <numerusform>%n not reachable</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n refreshes running</source>
        <translation>
            <numerusform>%n refresh running</numerusform>
            <numerusform>%n refreshes running</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n with rows in the default partition</source>
        <translation>
            <numerusform>%n with rows in the default partition</numerusform>
            <numerusform>%n with rows in the default partition</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n tables</source>
        <translation>
            <numerusform>%n table</numerusform>
            <numerusform>%n tables</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n partitions</source>
        <translation>
            <numerusform>%n partition</numerusform>
            <numerusform>%n partitions</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n waiting, chain of %1</source>
        <translation>
            <numerusform>%n waiting, chain of %1</numerusform>
            <numerusform>%n waiting, chain of %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n waiting</source>
        <translation>
            <numerusform>%n waiting</numerusform>
            <numerusform>%n waiting</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n alerts</source>
        <translation>
            <numerusform>%n alert</numerusform>
            <numerusform>%n alerts</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n jobs failed last time, %1</source>
        <translation>
            <numerusform>%n job failed last time, %1</numerusform>
            <numerusform>%n jobs failed last time, %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n jobs, none failed last time</source>
        <translation>
            <numerusform>%n job, none failed last time</numerusform>
            <numerusform>%n jobs, none failed last time</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::Sidebar</name>
    <message numerus="yes">
        <source>%1, %n need attention</source>
        <translation>
            <numerusform>%1, %n needs attention</numerusform>
            <numerusform>%1, %n need attention</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::Statistics</name>
    <message numerus="yes">
        <source>and %n smaller indexes</source>
        <translation>
            <numerusform>and %n smaller index</numerusform>
            <numerusform>and %n smaller indexes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n scans</source>
        <translation>
            <numerusform>%n scan</numerusform>
            <numerusform>%n scans</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n with rows</source>
        <translation>
            <numerusform>%n with rows</numerusform>
            <numerusform>%n with rows</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::TimeBar</name>
    <message numerus="yes">
        <source>%1: %n refreshes, last %2</source>
        <translation>
            <numerusform>%1: %n refresh, last %2</numerusform>
            <numerusform>%1: %n refreshes, last %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1: %n refreshes failed, last %2</source>
        <translation>
            <numerusform>%1: %n refresh failed, last %2</numerusform>
            <numerusform>%1: %n refreshes failed, last %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1: %n lock waits behind %2</source>
        <translation>
            <numerusform>%1: %n lock wait behind %2</numerusform>
            <numerusform>%1: %n lock waits behind %2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::RunPanel</name>
    <message numerus="yes">
        <source>Rows copied each second; coloured times are those in which the governor held the run back, %n time(s).</source>
        <translation>
            <numerusform>Rows copied each second; the coloured time is the one in which the governor held the run back.</numerusform>
            <numerusform>Rows copied each second; coloured times are those in which the governor held the run back, %n times.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::PreflightStep</name>
    <message numerus="yes">
        <source>%n partition(s) will be made, from the lowest value there is to the last one made ahead.</source>
        <translation>
            <numerusform>%n partition will be made.</numerusform>
            <numerusform>%n partitions will be made, from the lowest value there is to the last one made ahead.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::StageDraft</name>
    <message numerus="yes">
        <source>%n changed key(s)</source>
        <translation>
            <numerusform>%n changed key</numerusform>
            <numerusform>%n changed keys</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::RunStatus</name>
    <message numerus="yes">
        <source>%n changed key(s) wait to be brought over</source>
        <translation>
            <numerusform>%n changed key waits to be brought over</numerusform>
            <numerusform>%n changed keys wait to be brought over</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::gui::Application</name>
    <message numerus="yes">
        <source>%n run(s) driven from this window will be paused. Nothing is lost: Resume goes on, here or elsewhere. Until then changed keys pile up in the logs of migrations.</source>
        <translation>
            <numerusform>%n run driven from this window will be paused. Nothing is lost: Resume goes on, here or elsewhere. Until then changed keys pile up in the logs of migrations.</numerusform>
            <numerusform>%n runs driven from this window will be paused. Nothing is lost: Resume goes on, here or elsewhere. Until then changed keys pile up in the logs of migrations.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::MainWindow</name>
    <message numerus="yes">
        <source>%n run(s)</source>
        <translation>
            <numerusform>%n run</numerusform>
            <numerusform>%n runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::ExpressionsStep</name>
    <message numerus="yes">
        <source>%n row(s) as they are and as they would be. Nothing is changed.</source>
        <translation>
            <numerusform>%n row as it is and as it would be. Nothing is changed.</numerusform>
            <numerusform>%n rows as they are and as they would be. Nothing is changed.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tidemark::ui::RehearsalModel</name>
    <message numerus="yes">
        <source>%n lock(s) on what it made</source>
        <translation>
            <numerusform>%n lock on what it made</numerusform>
            <numerusform>%n locks on what it made</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1, %n more</source>
        <translation>
            <numerusform>%1, %n more</numerusform>
            <numerusform>%1, %n more</numerusform>
        </translation>
    </message>
</context>
</TS>
