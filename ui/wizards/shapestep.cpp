// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/shapestep.h"

#include "core/stage/partitionplan.h"
#include "ui/services/theme.h"
#include "ui/widgets/cardframe.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QTimeZone>
#include <QVBoxLayout>

namespace tidemark::ui {

using stage::ShadowShape;

namespace {

/// Prefers what partitions are usually made of: a time that is named like one.
int usualColumn(const std::vector<RangeColumn> &columns)
{
    for (size_t i = 0; i < columns.size(); ++i) {
        if (!columns[i].isInteger())
            return static_cast<int>(i);
    }
    return 0;
}

} // namespace

ShapeStep::ShapeStep(StageDraft &draft, QWidget *parent)
    : StepOf(tr("Shape"), draft, parent)
    , m_form(new QFormLayout)
    , m_heading(new QLabel(this))
    , m_shape(new QComboBox(this))
    , m_column(new QComboBox(this))
    , m_width(new QComboBox(this))
    , m_premake(new QSpinBox(this))
    , m_default(new QCheckBox(tr("A default partition takes what fits &nowhere else"), this))
    , m_zone(new QComboBox(this))
    , m_meaning(new QLabel(this))
    , m_problem(new QLabel(this))
{
    m_heading->setFont(titleFont(font()));
    buildForm();
    auto *card = new CardFrame(this);
    auto *cardLayout = new QVBoxLayout(card);
    cardLayout->setContentsMargins(spacing(this, 5), spacing(this, 4), spacing(this, 5), spacing(this, 4));
    cardLayout->setSpacing(spacing(this, 3));
    auto *means = new QLabel(tr("What this means"), card);
    means->setFont(boldFont(font()));
    m_meaning->setWordWrap(true);
    m_meaning->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setObjectName(QStringLiteral("problem"));
    cardLayout->addWidget(means);
    cardLayout->addWidget(m_meaning);
    cardLayout->addWidget(m_problem);
    cardLayout->addStretch(1);

    auto *columns = new QHBoxLayout;
    columns->setSpacing(spacing(this, 8));
    columns->addLayout(m_form, 1);
    columns->addWidget(card, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing(this, 6), spacing(this, 5), spacing(this, 6), spacing(this, 5));
    layout->setSpacing(spacing(this, 4));
    layout->addWidget(m_heading);
    layout->addLayout(columns);
    layout->addStretch(1);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Window);

    for (QComboBox *box : {m_shape, m_column, m_zone})
        connect(box, &QComboBox::currentIndexChanged, this, &ShapeStep::change);
    connect(m_column, &QComboBox::currentIndexChanged, this, &ShapeStep::fillWidths);
    connect(m_width, &QComboBox::currentTextChanged, this, &ShapeStep::change);
    connect(m_premake, &QSpinBox::valueChanged, this, &ShapeStep::change);
    connect(m_default, &QCheckBox::toggled, this, &ShapeStep::change);
}

void ShapeStep::buildForm()
{
    m_shape->setObjectName(QStringLiteral("shape"));
    m_column->setObjectName(QStringLiteral("column"));
    m_width->setObjectName(QStringLiteral("width"));
    m_premake->setObjectName(QStringLiteral("premake"));
    m_zone->setObjectName(QStringLiteral("zone"));
    m_width->setEditable(true);
    m_width->setInsertPolicy(QComboBox::NoInsert);
    m_premake->setRange(0, 1000);
    m_form->setContentsMargins(0, 0, 0, 0);
    m_form->setHorizontalSpacing(spacing(this, 5));
    m_form->setVerticalSpacing(spacing(this, 3));
    m_form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_form->addRow(tr("S&hape"), m_shape);
    m_form->addRow(tr("Partition &by"), m_column);
    m_form->addRow(tr("One partition &for"), m_width);
    m_form->addRow(tr("Midnights &of"), m_zone);
    m_form->addRow(tr("Made &ahead"), m_premake);
    m_form->addRow(QString(), m_default);
    m_shape->setAccessibleName(tr("Shape"));
    m_column->setAccessibleName(tr("Partition by"));
    m_width->setAccessibleName(tr("One partition for"));
    m_width->lineEdit()->setAccessibleName(tr("One partition for"));
    m_zone->setAccessibleName(tr("Midnights of"));
    m_premake->setAccessibleName(tr("Made ahead"));
    m_zone->addItem(QStringLiteral("UTC"), QString());
    const QByteArray local = QTimeZone::systemTimeZoneId();
    if (local != "UTC" && local != "Etc/UTC")
        m_zone->addItem(QString::fromLatin1(local), QString::fromLatin1(local));
    for (const QByteArray &id : QTimeZone::availableTimeZoneIds()) {
        if (id != "UTC" && id != local && id.contains('/'))
            m_zone->addItem(QString::fromLatin1(id), QString::fromLatin1(id));
    }
}

void ShapeStep::enter()
{
    const TableCandidate &table = *draft().table;
    m_heading->setText(table.name.display());
    if (draft().spec.table != table.name) {
        // Another table than before: what was chosen for that one means nothing here.
        draft().spec = {};
        draft().spec.table = table.name;
        draft().preview.reset();
        if (table.rangeColumns.empty())
            draft().spec.shape = ShadowShape::Same;
        else
            draft().spec.keyColumn = table.rangeColumns[static_cast<size_t>(usualColumn(table.rangeColumns))].name;
    }
    m_filling = true;
    m_shape->clear();
    if (!table.rangeColumns.empty()) {
        m_shape->addItem(tr("Partitioned table"), static_cast<int>(ShadowShape::Native));
        if (draft().hasTimescale)
            m_shape->addItem(tr("Hypertable of TimescaleDB"), static_cast<int>(ShadowShape::Hypertable));
    }
    m_shape->addItem(tr("The same again, rebuilt without bloat"), static_cast<int>(ShadowShape::Same));
    m_shape->setCurrentIndex(std::max(0, m_shape->findData(static_cast<int>(draft().spec.shape))));
    fillColumns();
    m_premake->setValue(draft().spec.premake);
    m_default->setChecked(draft().spec.withDefault);
    m_zone->setCurrentIndex(std::max(0, m_zone->findData(draft().spec.timeZone)));
    m_filling = false;
    fillWidths();
    change(); // where there is no column, and so no width
}

void ShapeStep::fillColumns()
{
    m_column->clear();
    for (const RangeColumn &column : draft().table->rangeColumns)
        m_column->addItem(tr("%1 (%2)").arg(column.name, column.type), column.name);
    m_column->setCurrentIndex(std::max(0, m_column->findData(draft().spec.keyColumn)));
}

void ShapeStep::fillWidths()
{
    const RangeColumn *key = column();
    if (m_filling || key == nullptr)
        return;
    if (key->isInteger() != (draft().spec.step.unit == stage::StepUnit::Integer)) {
        draft().spec.step = key->isInteger() ? stage::PartitionStep{stage::StepUnit::Integer, 1'000'000}
                                             : stage::PartitionStep{};
    }
    m_filling = true;
    m_width->clear();
    m_width->addItems(key->isInteger()
                          ? QStringList{QStringLiteral("100000"), QStringLiteral("1000000"), QStringLiteral("10000000")}
                          : QStringList{QStringLiteral("1 day"), QStringLiteral("1 week"), QStringLiteral("1 month"),
                                        QStringLiteral("1 quarter"), QStringLiteral("1 year")});
    m_width->setCurrentText(stage::stepText(draft().spec.step));
    m_filling = false;
    change();
}

const RangeColumn *ShapeStep::column() const
{
    const int index = m_column->currentIndex();
    const auto &columns = draft().table->rangeColumns;
    return index >= 0 && static_cast<size_t>(index) < columns.size() ? &columns[static_cast<size_t>(index)] : nullptr;
}

void ShapeStep::change()
{
    if (m_filling || !draft().table)
        return;
    const QJsonObject before = draft().spec.toJson();
    stage::StageSpec &spec = draft().spec;
    spec.shape = static_cast<ShadowShape>(m_shape->currentData().toInt());
    const bool same = spec.shape == ShadowShape::Same;
    const RangeColumn *key = column();
    if (same)
        spec.strategy = stage::Strategy::Copy;
    spec.keyColumn = same || key == nullptr ? QString() : key->name;
    spec.premake = m_premake->value();
    spec.withDefault = m_default->isChecked();
    spec.timeZone = key && key->hasZone() ? m_zone->currentData().toString() : QString();
    if (const auto step = stage::parseStep(m_width->currentText()))
        spec.step = *step;
    if (spec.toJson() != before)
        draft().preview.reset();

    const bool native = spec.shape == ShadowShape::Native;
    for (QWidget *field : {static_cast<QWidget *>(m_column), static_cast<QWidget *>(m_width)}) {
        field->setVisible(!same);
        m_form->labelForField(field)->setVisible(!same);
    }
    const bool zoned = native && key && key->hasZone();
    m_zone->setVisible(zoned);
    m_form->labelForField(m_zone)->setVisible(zoned);
    m_premake->setVisible(native);
    m_form->labelForField(m_premake)->setVisible(native);
    m_default->setVisible(native);
    m_premake->setSuffix(key && key->isInteger() ? tr(" beyond the highest value") : tr(" beyond the one of now"));
    m_meaning->setText(meaning());
    const QString wrong = problem();
    m_problem->setText(wrong);
    m_problem->setVisible(!wrong.isEmpty());
    QPalette colors;
    colors.setColor(QPalette::WindowText, Theme::of(palette()).of(Severity::Critical));
    m_problem->setPalette(colors);
    Q_EMIT completeChanged();
}

QString ShapeStep::problem() const
{
    if (draft().spec.shape == ShadowShape::Same)
        return {};
    const RangeColumn *key = column();
    if (key == nullptr)
        return tr("There is no column to partition by: it takes one of a time, date or integer type.");
    const auto step = stage::parseStep(m_width->currentText());
    if (!step)
        return step.error().message + QStringLiteral(". ") + step.error().hint;
    const bool integer = step->unit == stage::StepUnit::Integer;
    if (integer != key->isInteger())
        return key->isInteger() ? tr("%1 is an integer: write how many values a partition holds.").arg(key->name)
                                : tr("%1 is a time: write for example 1 month.").arg(key->name);
    return {};
}

QString ShapeStep::meaning() const
{
    const stage::StageSpec &spec = draft().spec;
    const QString table = spec.table.display();
    QStringList sentences;
    if (spec.shape == ShadowShape::Same) {
        sentences << tr("%1 is copied into a new table of the same shape, which then takes its name.").arg(table);
    } else {
        const QString width = stage::stepText(spec.step);
        sentences << (spec.shape == ShadowShape::Native
                          ? tr("%1 becomes partitioned by range of %2, one partition for %3.")
                                .arg(table, spec.keyColumn,
                                     spec.step.unit == stage::StepUnit::Integer ? tr("%1 values").arg(width) : width)
                          : tr("%1 becomes a hypertable on %2 with a chunk for %3.").arg(table, spec.keyColumn, width));
        if (!draft().table->primaryKey.contains(spec.keyColumn) && !draft().table->primaryKey.isEmpty())
            sentences
                << tr("Unique keys must hold the column that a table is partitioned by: the primary key (%1) becomes "
                      "(%1, %2), and %1 alone is not unique to the server any more.")
                       .arg(draft().table->primaryKey.join(QLatin1String(", ")), spec.keyColumn);
        if (spec.shape == ShadowShape::Native)
            sentences << (spec.withDefault ? tr(
                              "Rows outside of all partitions go to the default one. Making a partition later reads "
                              "it through first.")
                                           : tr("Rows outside of all partitions are refused by the server."));
    }
    sentences << tr("Reading and writing go on throughout. Nothing is changed before you confirm the plan.");
    return sentences.join(QStringLiteral("\n\n"));
}

bool ShapeStep::isComplete() const
{
    return draft().table && problem().isEmpty();
}

QWidget *ShapeStep::mainWidget()
{
    return m_shape;
}

} // namespace tidemark::ui
