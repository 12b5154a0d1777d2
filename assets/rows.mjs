// What is known of a row, in words and numbers: `data` holds the run's columns as `derived` makes them.

export class Rows {
  data = null;
  columns = null;

  truthOf(row) {
    const { label, study, isNewStudy, classes } = this.data;
    if (isNewStudy[study[row]]) return `new class (${label[row]})`;
    return classes[label[row]] ?? `label ${label[row]}`;
  }

  predictionOf(row) {
    return this.data.classes[this.data.prediction[row]];
  }

  confidenceOf(row) {
    const code = this.data.codes[row];
    return code === 0 ? NaN : this.data.levels[code - 1];
  }

  studyOf(row) {
    return this.data.studies[this.data.study[row]].label;
  }

  kindOf(row) {
    if (!this.data.wrong[row]) return this.data.accepted(row) ? "right" : "doubted";
    return this.data.accepted(row) ? "silent" : "caught";
  }

  imageUrl(row, size) {
    return this.columns.imageUrl(row, size);
  }
}
